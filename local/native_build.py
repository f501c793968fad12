"""Compiles modules given by their paths into ./out; run in a folder with copies of the sources."""

import sys

from mypyc.build import mypycify
from setuptools import setup

extensions = mypycify(sys.argv[1:], opt_level="2", debug_level="0")
setup(
    name="native",
    ext_modules=extensions,
    script_args=["build_ext", "--build-lib", "out", "--build-temp", "temp", "--parallel", "2"],
)
