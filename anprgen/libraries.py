# SPDX-License-Identifier: Apache-2.0
"""The system libraries that Blender's and OpenCV's wheels expect, and who brings them."""

#: Shared library -> the Debian and Ubuntu package that brings it.
DEBIAN = {
    "libEGL.so.1": "libegl1",
    "libGL.so.1": "libgl1",
    "libICE.so.6": "libice6",
    "libSM.so.6": "libsm6",
    "libX11.so.6": "libx11-6",
    "libXext.so.6": "libxext6",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libXrender.so.1": "libxrender1",
    "libXxf86vm.so.1": "libxxf86vm1",
    "libgomp.so.1": "libgomp1",
    "libglib-2.0.so.0": "libglib2.0-0",
    "libgthread-2.0.so.0": "libglib2.0-0",
    "libxkbcommon.so.0": "libxkbcommon0",
}

#: One command line's worth of them.
PACKAGES = " ".join(sorted(set(DEBIAN.values())))

#: What to do when one is missing.
HINT = f"on Debian or Ubuntu: apt-get install {PACKAGES}; anprgen doctor names what is missing"


def is_missing(error: str) -> bool:
    """Whether a failed import tells that the loader did not find a library of the system."""
    return "cannot open shared object" in error
