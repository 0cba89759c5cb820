"""The address of an object storage: what it may say, and what is refused in words that keep the secret."""

from __future__ import annotations

import pytest

from config.bucket import origin, read_bucket


def test_amazon_needs_a_bucket_alone() -> None:
    found = read_bucket("s3://pictures?region=eu-central-1")
    assert found["place"] == "s3://pictures" and found["endpoint"] == found["key"] == found["prefix"] == ""
    assert origin(found) == "https://pictures.s3.eu-central-1.amazonaws.com"


def test_another_server_is_named_with_its_keys() -> None:
    found = read_bucket(
        "s3://key:a%2Fb@pictures/desk/one/?endpoint=http://s3:8333&public=https://files.example.com/"
    )
    assert (found["key"], found["secret"]) == ("key", "a/b")
    assert (found["prefix"], found["addressing"]) == ("desk/one", "path")
    assert found["place"] == "s3://pictures/desk/one"
    assert origin(found) == "https://files.example.com"
    assert origin(read_bucket("s3://pictures?endpoint=http://s3:8333")) == "http://s3:8333"


def test_browsers_may_be_kept_out() -> None:
    found = read_bucket("s3://pictures?endpoint=http://s3:8333&public=off")
    assert found["public"] == origin(found) == origin({}) == ""


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("https://pictures", "does not begin with s3://"),
        ("s3://", "not the name of a bucket"),
        ("s3://P", "not the name of a bucket"),
        ("s3://pictures/../other", "not a prefix"),
        ("s3://pictures/a b", "not a prefix"),
        ("s3://pictures?endpoint=s3:8333", "endpoint is no address"),
        ("s3://pictures?endpoint=http://s3:99999", "endpoint is no address"),
        ("s3://pictures?endpoint=https://me:you@s3", "endpoint is no address"),
        ("s3://pictures?public=files; script-src *", "public is no address"),
        ("s3://pictures?end_point=http://s3", "'end_point' is not one of its options"),
        ("s3://pictures?addressing=both", "neither path nor virtual"),
        ("s3://hunter2@pictures", "one of key and secret"),
        ("s3://key:hunter2@pictures?x=1", "not one of its options"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(url: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        read_bucket(url)
    assert words in str(caught.value) and "hunter2" not in str(caught.value)
