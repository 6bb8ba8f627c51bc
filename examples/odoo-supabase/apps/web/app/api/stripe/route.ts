import Stripe from "stripe";
import { admin } from "../../../lib/admin";

/** Stripe tells that an order is paid. */
export async function POST(request: Request) {
  const signature = request.headers.get("stripe-signature") ?? "";
  const event = Stripe.webhooks.constructEvent(
    await request.text(),
    signature,
    process.env.STRIPE_WEBHOOK_SECRET!,
  );
  if (event.type === "checkout.session.completed") {
    await admin().from("orders").update({ paid: true }).eq("reference", event.data.object.client_reference_id);
  }
  return Response.json({ received: true });
}
