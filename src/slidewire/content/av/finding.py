"""Where ffmpeg is: the setting, then PATH, then the package of the extra ``slidewire[video]``."""

import os
import shutil


def find_ffmpeg(setting: str = "") -> str:
    """The path of an ffmpeg that can be run; empty when there is none.

    ``setting``: a path or a command's name; then nothing else is looked for. Raises ValueError when it names
    nothing that can be run.
    """
    if setting:
        found = shutil.which(setting)
        if found is None:
            raise ValueError("it names no program that can be run")
        return os.path.abspath(found)  # noqa: PTH100  # a link stays one: it may be moved to the next version
    return shutil.which("ffmpeg") or _packaged()


def _packaged() -> str:
    try:
        import imageio_ffmpeg
    except ImportError:
        return ""
    try:
        return shutil.which(imageio_ffmpeg.get_ffmpeg_exe()) or ""
    except RuntimeError:  # a package without a program for this machine
        return ""
