from rtmpscope.capture.blocks import Room
from rtmpscope.capture.stepping import RecordShape

def places(data: Room, position: int, stop: int, shape: RecordShape) -> tuple[bytearray, int]: ...
