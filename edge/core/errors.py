"""The few kinds of fault. Each says, in Chinese and in English, what is wrong and what its reader does next.

An expected refusal (a face that cannot be read, a frame during the shutter) is a value with a reason, not an exception.

    ConfigError      the configuration cannot be used         gate.toml:12: unknown key ...
    CameraError      the camera cannot be used at all         no permission on the device
    RecordingError   a recording cannot be read               truncated, mis-shaped, 8-bit, empty
    StoreError       a record cannot be written or read       disk full, file moved away
    DamagedError     ... because the medium changed the file  a damaged page
    UplinkError      the county cannot be asked at all        no token file, unreadable CA
    GateIOError      lamp, buzzer or relay cannot be driven   pin busy
    RecordError      bytes that are no record of this schema  what the county answers 400 to
    ScreenError      the guard's screen cannot be served      port in use
    RosterError      a roster cannot be taken                 signature wrong, older than the one in force
    ReaderError      a badge reader cannot be used            no permission on the device
    CalibrationError a calibration cannot be made or kept     disk full, altered by hand
"""


class ForegateError(Exception):
    """A fault, told in both languages; `str` gives the Chinese line, then the English one."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(zh, en)
        self.zh = zh
        self.en = en

    def __str__(self) -> str:
        return f"{self.zh}\n{self.en}"


class ConfigError(ForegateError):
    pass


class CameraError(ForegateError):
    pass


class RecordingError(ForegateError):
    pass


class StoreError(ForegateError):
    pass


class DamagedError(StoreError):
    pass


class UplinkError(ForegateError):
    pass


class GateIOError(ForegateError):
    pass


class RecordError(ForegateError):
    pass


class ScreenError(ForegateError):
    pass


class RosterError(ForegateError):
    pass


class ReaderError(ForegateError):
    pass


class CalibrationError(ForegateError):
    pass
