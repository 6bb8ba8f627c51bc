import Redis from "ioredis";

export const cache = new Redis(process.env.REDIS_URL ?? "redis://localhost:6379");

export const level = process.env.LOG_LEVEL ?? "info";

/** Any setting by its name, for the page that shows them. */
export function setting(name: string): string | undefined {
  return process.env[`FEATURE_${name}`];
}
