#!/usr/bin/env python3
"""Shows run-tests every way in which Go tests can go wrong, and that it counts each."""

import importlib.machinery
import importlib.util
import pathlib
import tempfile
import unittest

SCRIPT = pathlib.Path(__file__).with_name("run-tests")
LOADER = importlib.machinery.SourceFileLoader("run_tests", str(SCRIPT))
run_tests = importlib.util.module_from_spec(importlib.util.spec_from_loader("run_tests", LOADER))
LOADER.exec_module(run_tests)

CASES = {
    "fine": ('import "testing"\nfunc TestA(t *testing.T) { t.Run("x", func(t *testing.T) {}); t.Run("y", func(t *testing.T) {}) }\n'
             "func TestB(t *testing.T) {}", 3, []),
    "fails": ('import "testing"\nfunc TestA(t *testing.T) { t.Run("x", func(t *testing.T) { t.Error("no") }); t.Run("y", func(t *testing.T) {}) }',
              1, ["p/fails.TestA/x"]),
    "above": ('import "testing"\nfunc TestA(t *testing.T) { t.Run("x", func(t *testing.T) {}); t.Error("no") }', 1, ["p/above.TestA"]),
    "skips": ('import "testing"\nfunc TestA(t *testing.T) { t.Skip("not here") }', 0, ["p/skips.TestA (skipped)"]),
    "broken": ("func", 0, ["p/broken (package)"]),
    "panics": ('import "testing"\nfunc TestA(t *testing.T) { panic("no") }', 0, ["p/panics.TestA"]),
    "exits": ('import ("os"; "testing")\nfunc TestMain(m *testing.M) { os.Exit(3) }\nfunc TestA(t *testing.T) {}', 0, ["p/exits (package)"]),
}


class CountTest(unittest.TestCase):
    def test_go(self):
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "go.mod").write_text("module p\n\ngo 1.26\n")
            for name, (body, _, _) in CASES.items():
                package = pathlib.Path(folder, name)
                package.mkdir()
                (package / "a_test.go").write_text(f"package {name}\n{body}\n")
            stream = run_tests.stream
            run_tests.stream = lambda argv, env=None: stream(argv, folder, env)
            try:
                for name, (_, passed, failures) in CASES.items():
                    with self.subTest(name):
                        count = run_tests.go_test([f"./{name}"], lambda _: None)
                        self.assertEqual((count.passed, count.failures), (passed, failures))
            finally:
                run_tests.stream = stream

    def test_once_more(self):
        once = ('import ("os"; "testing")\nfunc TestA(t *testing.T) { t.Run("x", func(t *testing.T) { if _, err := os.Stat("seen"); err != nil '
                '{ os.WriteFile("seen", nil, 0o600); t.%s } }) }\nfunc TestB(t *testing.T) {}')
        first = ('import ("os"; "testing")\nfunc TestA(t *testing.T) { if _, err := os.Stat("seen"); err != nil '
                 '{ os.WriteFile("seen", nil, 0o600); t.Error("no") } }\n')
        fails, hides = first + "func TestB(t *testing.T) { %s }", ["TestA"]
        cases = {
            "unsteady": (once % 'Error("no")', 2, [], ["TestA/x"]),
            "always": ('import "testing"\nfunc TestA(t *testing.T) { t.Error("no") }', 0, ["TestA"], []),
            "skipped": (once % 'Skip("no")', 1, ["TestA/x (skipped)"], []),
            "crashed": ('import ("os"; "testing")\nfunc TestA(t *testing.T) { if _, err := os.Stat("seen"); err != nil '
                        '{ os.WriteFile("seen", nil, 0o600); panic("no") } }', 0, ["TestA"], []),
            "many": ('import ("os"; "testing")\nvar _, err = os.Stat("seen")\n'
                     + "".join(f'func Test{x}(t *testing.T) {{ if err != nil {{ os.WriteFile("seen", nil, 0o600); t.Error("no") }} }}\n' for x in "ABCD"),
                     0, [f"Test{x}" for x in "ABCD"], []),
            # What goes wrong behind the first failure must not be lost.
            "hangs": (fails % "select {}", 0, hides, []),
            "exits": (fails % "os.Exit(3)", 0, hides, []),
            "panics": (fails % 'done := make(chan int); go func() { panic("no") }(); <-done', 0, hides, []),
            "dies": (fails % "m := map[int]int{}; for range 9 { go func() { for { m[1]++ } }() }; select {}", 0, hides, []),
            "main": (first + 'func TestMain(m *testing.M) { m.Run(); println("left something"); os.Exit(1) }', 0, hides, []),
            "gone": ('import ("os"; "testing")\nfunc TestA(t *testing.T) { t.Run("good", func(t *testing.T) {}); if _, err := os.Stat("seen"); err != nil '
                     '{ os.WriteFile("seen", nil, 0o600); t.Run("bad", func(t *testing.T) { t.Error("no") }) } }', 1, ["TestA/bad"], []),
        }
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "go.mod").write_text("module p\n\ngo 1.26\n")
            stream = run_tests.stream
            run_tests.stream = lambda argv, env=None: stream(argv, folder, env)
            try:
                for name, (body, passed, failures, unsteady) in cases.items():
                    package = pathlib.Path(folder, name)
                    package.mkdir()
                    (package / "a_test.go").write_text(f"package {name}\n{body}\n")
                    with self.subTest(name):
                        count = run_tests.once_more(run_tests.go_test(["-timeout", "2s", f"./{name}"], lambda _: None), [], lambda _: None)
                        got = [[test.removeprefix(f"p/{name}.") for test in tests] for tests in (count.failures, count.unsteady)]
                        self.assertEqual((count.passed, *got), (passed, failures, unsteady))
            finally:
                run_tests.stream = stream

    def test_npm(self):
        for text, want in {
            "  12 passing (3s)\n": (12, 0),
            "  12 passing (3s)\n  1 pending\n  2 failing\n": (12, 3),
            "ℹ tests 5\nℹ pass 4\nℹ fail 1\nℹ skipped 0\n": (4, 1),
            "# pass 4\n# fail 0\n": (4, 0),
            "sh: mocha: not found\n": None,
        }.items():
            with self.subTest(text):
                self.assertEqual(run_tests.count_npm(text), want)


if __name__ == "__main__":
    unittest.main(verbosity=0)
