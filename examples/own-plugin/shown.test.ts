import {readFile} from 'node:fs/promises';
import test from 'ava';

const shown = {
	'../../core/README.md': ['index.ts', 'attic-driver.ts', 'window-type.ts'],
	'../../test/kit/README.md': ['attic-driver.test.ts', 'window-type.test.ts'],
};

for (const [readme, files] of Object.entries(shown)) {
	test(`${readme} shows the files as they are`, async t => {
		const text = await readFile(new URL(readme, import.meta.url), 'utf8');
		for (const file of files) {
			const code = await readFile(new URL(file, import.meta.url), 'utf8');
			const block = `<!-- ${file} -->\n\n\`\`\`ts\n${code}\`\`\`\n\n<!-- /${file} -->\n`;
			t.true(text.includes(block), `copy ${file} into ${readme}`);
		}
	});
}
