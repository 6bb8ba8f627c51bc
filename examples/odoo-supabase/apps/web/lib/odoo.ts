const ERP = "https://erp.acme-shop.net";

/** What is in stock, by article. */
export async function stock(article: string): Promise<number> {
  const answer = await fetch(`${ERP}/shop/stock/${encodeURIComponent(article)}`);
  const { quantity } = (await answer.json()) as { quantity: number };
  return quantity;
}
