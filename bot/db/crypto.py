"""Encryption at rest: a ring of AES-256-GCM keys in a file of mode 0600, outside the database."""

from __future__ import annotations

import base64
import json
import os
import secrets
import tempfile
import threading
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from bot.domain.errors import KeyMissing, StorageUnavailable

_FORMAT = b"\x01"
_KEY_ID_BYTES = 4
_NONCE_BYTES = 12


class KeyRing:
    """Keys by id; the current one encrypts, all of them decrypt.

    A sealed text is format (1 byte), key id (4), nonce (12), ciphertext and tag; the column's name is authenticated with it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._ciphers: dict[bytes, AESGCM] = {}
        self._current = b""
        self._version: tuple[int, int] | None = None

    @classmethod
    def open(cls, path: Path) -> KeyRing:
        """The ring of this file; makes a new one with a fresh key when the file does not exist."""
        ring = cls(path)
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            ring._write_first()
        ring.reread()
        return ring

    @property
    def path(self) -> Path:
        return self._path

    @property
    def current_id(self) -> str:
        return self._current.hex()

    def reread(self) -> None:
        """Read the file again, as after a rotation in another process."""
        try:
            version = self._file_version()
            data = json.loads(self._path.read_text("ascii"))
            ciphers = {bytes.fromhex(key): AESGCM(base64.b64decode(value)) for key, value in data["keys"].items()}
            current = bytes.fromhex(data["current"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise StorageUnavailable(f"key ring {self._path} can't be read: {type(error).__name__}") from error
        if current not in ciphers:
            raise StorageUnavailable(f"key ring {self._path} names a current key that it does not hold")
        with self._lock:
            self._ciphers, self._current, self._version = ciphers, current, version

    def rotate(self) -> str:
        """Add a fresh key, make it the current one and give its id."""
        data = json.loads(self._path.read_text("ascii"))
        key_id = _fresh_id(set(data["keys"]))
        data["keys"][key_id] = _fresh_key()
        data["current"] = key_id
        self._replace(data)
        self.reread()
        return key_id

    def drop_others(self) -> int:
        """Forget all keys but the current one, once nothing is sealed with them; gives how many went."""
        data = json.loads(self._path.read_text("ascii"))
        gone = [key for key in data["keys"] if key != data["current"]]
        for key in gone:
            del data["keys"][key]
        self._replace(data)
        self.reread()
        return len(gone)

    def seal(self, text: str, column: str) -> bytes:
        """Encrypt one text for one column."""
        self._follow_rotation()
        nonce = os.urandom(_NONCE_BYTES)
        with self._lock:
            key_id, cipher = self._current, self._ciphers[self._current]
        return _FORMAT + key_id + nonce + cipher.encrypt(nonce, text.encode("utf-8"), column.encode("ascii"))

    def unseal(self, sealed: bytes, column: str) -> str:
        """Decrypt; raises KeyMissing when the ring holds no fitting key, or the text was changed or moved."""
        key_id = self.key_id_of(sealed)
        if key_id not in self._ciphers:
            self.reread()
        cipher = self._ciphers.get(key_id)
        if cipher is None:
            raise KeyMissing(f"no key {key_id.hex()} in the ring")
        body = sealed[1 + _KEY_ID_BYTES :]
        try:
            return cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], column.encode("ascii")).decode("utf-8")
        except InvalidTag as error:
            raise KeyMissing(f"{column} does not open with key {key_id.hex()}") from error

    @staticmethod
    def key_id_of(sealed: bytes) -> bytes:
        if sealed[:1] != _FORMAT:
            raise KeyMissing("not a sealed text")
        return sealed[1 : 1 + _KEY_ID_BYTES]

    def _follow_rotation(self) -> None:
        """What is sealed from now on must open after another process forgets the old keys; without the file, go on as before."""
        try:
            is_current = self._file_version() == self._version
        except OSError:
            return
        if not is_current:
            self.reread()

    def _file_version(self) -> tuple[int, int]:
        found = self._path.stat()
        return found.st_ino, found.st_mtime_ns

    def _write_first(self) -> None:
        key_id = _fresh_id(set())
        temporary = self._temporary({"current": key_id, "keys": {key_id: _fresh_key()}})
        try:
            os.link(temporary, self._path)  # fails when another process was first: then that ring is the one
        except FileExistsError:
            pass
        finally:
            os.unlink(temporary)

    def _replace(self, data: dict[str, object]) -> None:
        os.replace(self._temporary(data), self._path)

    def _temporary(self, data: dict[str, object]) -> str:
        handle, name = tempfile.mkstemp(dir=self._path.parent, prefix=".keys-")
        with os.fdopen(handle, "w") as file:
            json.dump(data, file)
            file.flush()
            os.fsync(file.fileno())
        return name


def _fresh_id(taken: set[str]) -> str:
    while (key_id := secrets.token_hex(_KEY_ID_BYTES)) in taken:
        pass
    return key_id


def _fresh_key() -> str:
    return base64.b64encode(AESGCM.generate_key(bit_length=256)).decode("ascii")
