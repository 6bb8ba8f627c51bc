"""Orders from the shop's database become orders in Odoo."""

import os
import time

import psycopg
import redis
import requests

SHOP = os.environ["SHOP_DATABASE_URL"]
ODOO = os.environ["ODOO_RPC_URL"]
TIMEOUT = int(os.getenv("ORDER_TIMEOUT", "30"))
EXPORT_BUCKET = os.environ["ORDER_EXPORT_BUCKET"]
LAST = "last-order"


def new_orders(shop: psycopg.Connection, after: int) -> list[tuple[int, str]]:
    return shop.execute("SELECT id, reference FROM orders WHERE id > %s ORDER BY id", (after,)).fetchall()


def odoo_has(reference: str) -> bool:
    with psycopg.connect(os.environ["DATABASE_URL"]) as odoo:
        found = odoo.execute("SELECT 1 FROM sale_order WHERE shop_reference = %s", (reference,))
        return found.fetchone() is not None


def hand_over(reference: str) -> None:
    key = {"X-Bridge-Key": os.environ["BRIDGE_SHARED_KEY"]}
    order = {"params": {"reference": reference, "bucket": EXPORT_BUCKET}}
    requests.post(f"{ODOO}/shop/orders", json=order, headers=key, timeout=TIMEOUT).raise_for_status()


def alert(text: str) -> None:
    channel = os.getenv("ALERT_CHANNEL")
    if channel:
        requests.post(channel, json={"text": text}, timeout=TIMEOUT)


def main() -> None:
    cache = redis.Redis.from_url(os.environ["CACHE_URL"])
    while True:
        with psycopg.connect(SHOP) as shop:
            for number, reference in new_orders(shop, int(cache.get(LAST) or 0)):
                if not odoo_has(reference):
                    hand_over(reference)
                cache.set(LAST, number)
        time.sleep(TIMEOUT)


if __name__ == "__main__":
    try:
        main()
    except Exception as error:
        alert(type(error).__name__)
        raise
