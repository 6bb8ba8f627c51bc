import { createClient } from "@supabase/supabase-js";

/** What a visitor may see: row-level security holds. */
export const visitor = createClient(
  process.env.NEXT_PUBLIC_SUPABASE_URL!,
  process.env.NEXT_PUBLIC_SUPABASE_ANON_KEY!,
);
