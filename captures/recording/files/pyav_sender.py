"""Publishes an FLV stream with PyAV: generated pictures and a tone, in real time."""

import sys
import time

import av
import numpy as np

target, seconds, rate = sys.argv[1], float(sys.argv[2]), 25
output = av.open(target, "w", format="flv")
video = output.add_stream("libx264", rate=rate, options={"preset": "veryfast", "g": "50"})
video.width, video.height, video.pix_fmt, video.bit_rate = 320, 240, "yuv420p", 220_000
audio = output.add_stream("aac", rate=44100, layout="stereo")
audio.bit_rate = 48_000
began, at = time.monotonic(), 0
for number in range(int(seconds * rate)):
    x = np.arange(320)[None, :, None] + np.arange(240)[:, None, None] + np.array([0, 85, 170])
    picture = av.VideoFrame.from_ndarray(((x + 4 * number) % 256).astype(np.uint8), format="rgb24")
    picture.pts = number
    output.mux(video.encode(picture))
    while at < (number + 1) / rate * 44100:
        tone = 0.1 * np.sin(2 * np.pi * 440 * np.arange(at, at + 1024) / 44100)
        sound = av.AudioFrame.from_ndarray(np.array([tone, tone], dtype=np.float32), format="fltp", layout="stereo")
        sound.sample_rate, sound.pts = 44100, at
        output.mux(audio.encode(sound))
        at += 1024
    time.sleep(max(0, began + number / rate - time.monotonic()))
output.mux(video.encode(None))
output.mux(audio.encode(None))
output.close()
