// Some articles for staging: `npm run seed`.
import pg from "pg";

const client = new pg.Client({ connectionString: process.env.DATABASE_URL });
await client.connect();
await client.query("insert into public.articles values ('mug', 'A mug'), ('cap', 'A cap') on conflict do nothing");
await client.end();
