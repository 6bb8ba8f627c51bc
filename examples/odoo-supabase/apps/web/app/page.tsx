import { stock } from "../lib/odoo";
import { visitor } from "../lib/supabase";

export default async function Page() {
  const { data } = await visitor.from("articles").select("id, name");
  const shown = await Promise.all((data ?? []).map(async (each) => ({ ...each, left: await stock(each.id) })));
  return (
    <ul>
      {shown.map((each) => (
        <li key={each.id}>
          {each.name}: {each.left}
        </li>
      ))}
    </ul>
  );
}
