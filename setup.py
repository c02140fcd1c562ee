"""The loops that are compiled where there is a C compiler; elsewhere Python does the same."""

from setuptools import Extension, setup

COMPILED = (
    "rtmpscope.capture._plain",
    "rtmpscope.capture._stepping",
    "rtmpscope.rtmp._common_messages",
    "rtmpscope.tcp._joining",
)

setup(ext_modules=[Extension(name, [name.replace(".", "/") + ".pyx"], optional=True) for name in COMPILED])
