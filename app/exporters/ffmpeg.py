"""Where ffmpeg is, which writes films in .mp4."""

import shutil


def find_ffmpeg() -> str | None:
    """The program that writes .mp4: on the PATH, or that of the extra `video`."""
    found = shutil.which("ffmpeg")
    if found is not None:
        return found
    try:
        import imageio_ffmpeg

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError, OSError):
        return None
