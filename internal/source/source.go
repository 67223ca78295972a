// Package source reads Python files as Python does: bounded, from regular files
// only, decoded by their coding cookie (PEP 263) to UTF-8.
package source

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"
)

// MaxSize is the largest file that is read, in bytes.
const MaxSize = 8 << 20

// ReadFile reads the regular file name, through links, and decodes it. The
// error says in plain words why the file cannot be checked, without its name.
func ReadFile(name string) ([]byte, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, plain(name, err)
	}
	// Opening a FIFO or a device could block for ever.
	if err := regular(info); err != nil {
		return nil, err
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, plain(name, err)
	}
	defer f.Close()
	if info.Size() > MaxSize {
		return nil, tooLarge()
	}
	return read(f, int(info.Size()))
}

// Read reads to the end, at most MaxSize bytes, and decodes.
func Read(r io.Reader) ([]byte, error) { return read(r, 0) }

// read expects about size bytes.
func read(r io.Reader, size int) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(size + bytes.MinRead)
	if _, err := b.ReadFrom(io.LimitReader(r, MaxSize+1)); err != nil {
		return nil, plain("", err)
	}
	if b.Len() > MaxSize {
		return nil, tooLarge()
	}
	return Decode(b.Bytes())
}

func tooLarge() error {
	return fmt.Errorf("is larger than %d MiB; flowls does not read it", MaxSize>>20)
}

func regular(info fs.FileInfo) error {
	switch mode := info.Mode(); {
	case mode.IsRegular():
		return nil
	case mode.IsDir():
		return errors.New("is a directory")
	case mode&fs.ModeNamedPipe != 0:
		return errors.New("is a named pipe, not a file")
	case mode&fs.ModeSocket != 0:
		return errors.New("is a socket, not a file")
	default:
		return errors.New("is a device, not a file")
	}
}

func plain(name string, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, lerr := os.Lstat(name); lerr == nil {
			return errors.New("is a link to nothing")
		}
		return errors.New("no such file or directory")
	case errors.Is(err, fs.ErrPermission):
		return errors.New("cannot be read: permission denied")
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("cannot be read: %w", err)
}

// cookie is the pattern of PEP 263. It is compiled at the first comment that
// mentions a coding, which few files have.
var cookie = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`) })

// Decode returns src as UTF-8. A byte order mark stays; text in UTF-8 is
// returned as it is.
func Decode(src []byte) ([]byte, error) {
	for _, bom := range []string{"\xff\xfe", "\xfe\xff"} {
		if bytes.HasPrefix(src, []byte(bom)) {
			return nil, errors.New("is UTF-16, which Python does not read; save it as UTF-8")
		}
	}
	if at := bytes.IndexByte(src, 0); at >= 0 {
		return nil, fmt.Errorf("is binary (a zero byte at offset %d)", at)
	}
	body, hasBOM := bytes.CutPrefix(src, []byte("\xef\xbb\xbf"))
	name := declared(body)
	codec := canonical(name)
	switch {
	case codec == "utf-8" && utf8.Valid(src):
		return src, nil
	case codec == "utf-8":
		at := invalidAt(src)
		return nil, fmt.Errorf("is not UTF-8 (byte 0x%02x in line %d); save it as UTF-8 or declare its encoding in line 1: # -*- coding: latin-1 -*-",
			src[at], 1+bytes.Count(src[:at], []byte("\n")))
	case hasBOM:
		return nil, fmt.Errorf("has a UTF-8 byte order mark but declares %q; Python refuses it", name)
	case codec == "ascii":
		for i, c := range body {
			if c >= utf8.RuneSelf {
				return nil, fmt.Errorf("declares ASCII but is not (byte 0x%02x in line %d)", c, 1+bytes.Count(body[:i], []byte("\n")))
			}
		}
		return src, nil
	}
	enc := lookup(codec)
	if enc == nil {
		return nil, fmt.Errorf("declares the encoding %q, which flowls does not know; save it as UTF-8", name)
	}
	out, err := enc.NewDecoder().Bytes(src)
	if err != nil {
		return nil, fmt.Errorf("cannot be decoded as %s, which it declares: %w", name, err)
	}
	if bytes.ContainsRune(out, utf8.RuneError) {
		return nil, fmt.Errorf("cannot be decoded as %s, which it declares", name)
	}
	return out, nil
}

// declared returns the encoding named in the first two lines, "" if none.
func declared(src []byte) string {
	for range 2 {
		line := src
		if end := bytes.IndexAny(src, "\r\n"); end >= 0 {
			line = src[:end]
			src = src[end:]
			if rest, ok := bytes.CutPrefix(src, []byte("\r\n")); ok {
				src = rest
			} else {
				src = src[1:]
			}
		} else {
			src = nil
		}
		// Python looks on in the second line only if the first is blank or a comment.
		code := bytes.TrimLeft(line, " \t\f")
		if len(code) > 0 && code[0] != '#' {
			break
		}
		if bytes.Contains(code, []byte("coding")) {
			if m := cookie().FindSubmatch(line); m != nil {
				return string(m[1])
			}
		}
	}
	return ""
}

// canonical folds the spellings that Python takes for one codec.
func canonical(name string) string {
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	switch {
	case name == "" || name == "utf8" || name == "utf-8" || name == "u8" || name == "utf" || strings.HasPrefix(name, "utf-8-"):
		return "utf-8"
	case name == "latin-1" || name == "latin1" || name == "latin" || name == "l1" || name == "iso-8859-1" || strings.HasPrefix(name, "latin-1-") || strings.HasPrefix(name, "iso-8859-1-") || name == "iso8859-1" || name == "8859":
		return "iso-8859-1"
	case name == "ascii" || name == "us-ascii" || name == "646":
		return "ascii"
	}
	return name
}

func invalidAt(src []byte) int {
	for i := 0; i < len(src); {
		r, n := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(src) - 1
}

// MayHoldFlow says, from the bytes alone, whether src could define a flow: it
// names Metaflow or FlowSpec, or has a class, a decorator and the word step,
// which may be imported under another name, or a class that the file itself
// runs, which may have its steps from another file. False means that parsing
// would find nothing.
func MayHoldFlow(src []byte) bool {
	has := func(word string) bool { return bytes.Contains(src, []byte(word)) }
	return has("metaflow") || has("FlowSpec") || has("class") && (has("step") && has("@") || has("__main__"))
}
