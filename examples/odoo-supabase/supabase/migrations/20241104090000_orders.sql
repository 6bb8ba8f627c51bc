create table public.articles (
  id text primary key,
  name text not null
);

create table public.orders (
  id bigint generated always as identity primary key,
  reference text unique not null default gen_random_uuid(),
  state text not null default 'draft',
  paid boolean not null default false
);

alter table public.orders enable row level security;
