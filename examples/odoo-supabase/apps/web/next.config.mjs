/** @type {import("next").NextConfig} */
const config = {
  output: "standalone",
  // Answers of previews must not be cached; CI is set by whoever builds.
  generateBuildId: () => (process.env.CI ? process.env.GITHUB_SHA : "local"),
};

export default config;
