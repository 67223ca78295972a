"""Prints the files of the interpreter's library that compile, one in as many as the argument says."""

import glob
import os
import sys
import sysconfig
import warnings

warnings.simplefilter("ignore")
folder = sysconfig.get_path("stdlib")
files = [p for p in sorted(glob.glob(os.path.join(folder, "**/*.py"), recursive=True)) if "site-packages" not in p]
for path in files[:: int(sys.argv[1])]:
    try:
        with open(path, "rb") as f:
            compile(f.read(), path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        continue
    print(path)
