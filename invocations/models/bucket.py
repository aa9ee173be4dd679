from django.db import models

from invocations.models.owned import OwnedModel


class Bucket(OwnedModel):
    """An S3 bucket. No two accounts have one of the same name."""

    name = models.CharField(max_length=63, unique=True)
    versioning = models.CharField(max_length=9, blank=True)
    """Enabled, Suspended or nothing, as it was set; objects are kept in one version whatever it says."""
    tags = models.JSONField(default=dict, blank=True)
    policy = models.TextField(blank=True)
    """As it was put; empty for none."""
    changes = models.PositiveBigIntegerField(default=0)
    """Goes up with every change of what is in it."""
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class Keyed(OwnedModel):
    """What stands under a key of a bucket. The key is kept as its bytes, which every database sorts as S3 does."""

    bucket = models.ForeignKey(Bucket, on_delete=models.CASCADE, related_name="+")

    key_utf8 = models.BinaryField(max_length=1024)

    class Meta:
        abstract = True

    @property
    def key(self) -> str:
        """The key as text."""
        return bytes(self.key_utf8).decode()


class StoredObject(Keyed):
    """An object: what is known of it, and in which files of the data folder its bytes are."""

    etag = models.CharField(max_length=48)
    """Without its quotation marks: the MD5 of the bytes, or of the parts' MD5s and the number of parts."""
    size = models.PositiveBigIntegerField()
    segments = models.JSONField(default=list)
    """[[blob id, bytes], …] in their order: one, or one for each part."""
    last_modified = models.DateTimeField()
    content_type = models.CharField(max_length=1024)
    headers = models.JSONField(default=dict, blank=True)
    """Further headers of the object by their member names: CacheControl, ContentDisposition, StorageClass …"""
    metadata = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(default=dict, blank=True)
    checksums = models.JSONField(default=dict, blank=True)
    """As members of HeadObject: {"ChecksumCRC32": …, "ChecksumType": …}."""

    class Meta:
        constraints = [models.UniqueConstraint(fields=["bucket", "key_utf8"], name="one_object_under_a_key")]

    def __str__(self) -> str:
        return self.key


class MultipartUpload(Keyed):
    """An upload in parts that is neither completed nor aborted."""

    upload_id = models.CharField(max_length=128, unique=True)
    initiated_at = models.DateTimeField()
    checksum_algorithm = models.CharField(max_length=16, blank=True)
    """CRC32, SHA256 …: what every part brings; empty for none in particular."""
    checksum_type = models.CharField(max_length=16, blank=True)
    content_type = models.CharField(max_length=1024)
    headers = models.JSONField(default=dict, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    tags = models.JSONField(default=dict, blank=True)

    def __str__(self) -> str:
        return self.upload_id


class UploadedPart(OwnedModel):
    """One part of such an upload."""

    upload = models.ForeignKey(MultipartUpload, on_delete=models.CASCADE, related_name="parts")
    part_number = models.PositiveIntegerField()
    etag = models.CharField(max_length=32)
    size = models.PositiveBigIntegerField()
    segments = models.JSONField(default=list)
    checksums = models.JSONField(default=dict, blank=True)
    last_modified = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "part_number"], name="one_part_of_a_number")]

    def __str__(self) -> str:
        return f"{self.upload_id}:{self.part_number}"
