"""Audio and video: looked at and made smaller by an ffmpeg of the machine's, each time in a process of its own.

``pool.AvPool`` is the door. Light on purpose: ``launch`` is started from here for each of those processes.
"""
