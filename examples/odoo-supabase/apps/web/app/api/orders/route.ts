import { createHmac, timingSafeEqual } from "node:crypto";
import { admin } from "../../../lib/admin";

/** Odoo tells that an order is confirmed. */
export async function POST(request: Request) {
  const body = await request.text();
  const expected = createHmac("sha256", process.env.ODOO_WEBHOOK_SIGNING_KEY!).update(body).digest();
  const given = Buffer.from(request.headers.get("x-signature") ?? "", "hex");
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return new Response(null, { status: 401 });
  }
  const { reference, state } = JSON.parse(body);
  await admin().from("orders").update({ state }).eq("reference", reference);
  return Response.json({ done: true });
}
