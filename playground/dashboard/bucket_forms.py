"""Forms of the bucket pages."""

import mimetypes
from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from invocations.services.s3.blobs import PIECE
from invocations.services.s3.objects import DEFAULT_CONTENT_TYPE
from playground.dashboard.forms import StyledForm


class NewBucket(StyledForm):
    """A bucket, under a name that no other account has."""

    name = forms.CharField(
        label="Bucket name",
        max_length=63,
        help_text="3 to 63 lower-case letters, digits, dots and hyphens. All accounts share the names.",
    )
    has_account = forms.BooleanField(
        label="With the account's number behind it", required=False, help_text="So that nobody else has the name."
    )

    def bucket_name(self, account_id: str) -> str:
        """The name as it is to be."""
        name: str = self.cleaned_data["name"]
        return f"{name}-{account_id}" if self.cleaned_data["has_account"] else name


class UploadForm(StyledForm):
    """What an object is to hold, a file or a text, and under which key."""

    file = forms.FileField(label="File", required=False, allow_empty_file=True)
    text = forms.CharField(
        label="Or its content as text", required=False, strip=False, widget=forms.Textarea(attrs={"rows": 3, "spellcheck": "false"})
    )
    key = forms.CharField(
        label="Key", required=False, max_length=1024, strip=False, help_text="Where it ends with / or is empty, the file's name follows."
    )
    content_type = forms.CharField(label="Content-Type", required=False, max_length=255, help_text="Empty: by the name's ending.")

    def __init__(self, *args: Any, prefix_shown: str = "", **kwargs: Any) -> None:
        """*prefix_shown*: the folder that the reader has before them."""
        super().__init__(*args, **kwargs)
        self.fields["key"].initial = prefix_shown

    def clean(self) -> dict[str, Any]:
        """A file or a text, and a key that says what it is called."""
        data: dict[str, Any] = super().clean() or {}
        file, text, key = data.get("file"), data.get("text"), data.get("key", "")
        if file is None and not text:
            self.add_error("file", "Choose a file, or type the content.")
        elif file is not None and text:
            self.add_error("text", "There can be a file or a text, not both.")
        elif file is None and (not key or key.endswith("/")):
            self.add_error("key", "A text has no name of its own: type the whole key.")
        return data

    def pieces(self) -> Iterable[bytes]:
        """The content."""
        file: UploadedFile | None = self.cleaned_data["file"]
        if file is None:
            return [self.cleaned_data["text"].encode()]
        chunks: Iterable[bytes] = file.chunks(PIECE)
        return chunks

    def object_key(self) -> str:
        """The key with the file's name, where that is wanted."""
        key: str = self.cleaned_data["key"]
        file: UploadedFile | None = self.cleaned_data["file"]
        return key + (file.name or "") if file is not None and (not key or key.endswith("/")) else key

    def object_type(self) -> str:
        """Content-Type of the object."""
        guessed, _ = mimetypes.guess_type(self.object_key())
        return str(self.cleaned_data["content_type"]) or guessed or DEFAULT_CONTENT_TYPE
