// Tells whether a package can be used here: node ready.mjs simple-oauth2
const [name] = process.argv.slice(2), OLDEST = 20;

if (parseInt(process.versions.node, 10) < OLDEST) {
  console.error(`Node.js is ${process.versions.node}, older than ${OLDEST}`);
  process.exitCode = 1;
} else if (name) {
  try {
    await import('./packages.mjs').then(({ versionOf }) => versionOf(name));
  } catch {
    console.error(`there is no package ${name} beside package.json`);
    process.exitCode = 1;
  }
}
