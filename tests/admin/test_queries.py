from __future__ import annotations

from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rendering.models import Order, OrderLine
from tests import factories
from tests.admin.conftest import picture_of

pytestmark = pytest.mark.django_db

PAGES = (
    "admin:index",
    "admin:media_assets_cadfile_changelist",
    "admin:media_assets_product_changelist",
    "admin:media_assets_mediaasset_changelist",
    "admin:rendering_order_changelist",
    "admin:rendering_job_changelist",
    "admin:rendering_outputtype_changelist",
)


def grow(count: int, folder: Path) -> Order:
    """Add products with pictures, jobs, and an order of one line each; return the last order."""
    for _ in range(count):
        product = factories.product()
        asset = picture_of(product, folder)
        job = factories.job(cad_file=product.cad_file, product=product, output_type=factories.output_type())
        order = Order.objects.create(ordered_by=factories.user())
        line = OrderLine.objects.create(
            order=order,
            product=product,
            output_type=factories.output_type(),
            cad_file=product.cad_file,
            recipe_key="k",
            master_width=64,
            master_height=64,
            asset=asset,
            state=OrderLine.State.DONE,
            source=OrderLine.Source.RENDERED,
        )
        line.jobs.add(job)
    return order


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize("page", PAGES)
def test_a_list_takes_as_many_queries_for_30_rows_as_for_3(
    page: str, admin_client: Client, tmp_path: Path
) -> None:
    address = reverse(page)
    grow(3, tmp_path)
    admin_client.get(address)
    few = queries(admin_client, address)
    grow(27, tmp_path)
    assert queries(admin_client, address) == few
    assert few < 35


def test_an_order_page_takes_as_many_queries_for_30_lines_as_for_3(
    admin_client: Client, tmp_path: Path
) -> None:
    order = grow(3, tmp_path)
    address = reverse("admin:rendering_order_change", args=[order.pk])
    OrderLine.objects.update(order=order)
    admin_client.get(address)
    few = queries(admin_client, address)
    grow(27, tmp_path)
    OrderLine.objects.update(order=order)
    assert queries(admin_client, address) == few


def test_live_cells_of_many_jobs_are_one_query_for_all(admin_client: Client) -> None:
    jobs = [factories.job() for _ in range(12)]
    address = reverse("admin:rendering_job_live")
    few = queries(admin_client, f"{address}?id={jobs[0].pk}")
    many = queries(admin_client, f"{address}?" + "&".join(f"id={job.pk}" for job in jobs))
    assert many == few
