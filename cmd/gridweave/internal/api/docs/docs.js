// Draws the OpenAPI document as a page. Text is only ever set as text, never as markup.

const methods = ['get', 'post', 'put', 'patch', 'delete'];

function el(tag, props = {}, ...children) {
  const node = Object.assign(document.createElement(tag), props);
  node.append(...children);
  return node;
}

function resolve(doc, schema) {
  const name = schema?.$ref?.split('/').pop();
  return name ? { name, schema: doc.components.schemas[name] } : { schema };
}

function typeOf(doc, schema) {
  if (!schema) return '';
  const { name } = resolve(doc, schema);
  if (name) return name;
  const type = [schema.type].flat().join(' | ');
  if (type.startsWith('array')) return `${typeOf(doc, schema.items)}[]`;
  return schema.enum ? schema.enum.join(' | ') : [type, schema.format].filter(Boolean).join(', ');
}

function row(name, type, text) {
  return el('tr', {}, el('td', { textContent: name }), el('td', { textContent: type }), el('td', { textContent: text ?? '' }));
}

function fields(doc, schema) {
  const { schema: s } = resolve(doc, schema ?? {});
  const target = s?.type === 'array' ? resolve(doc, s.items).schema : s;
  const required = new Set(target?.required ?? []);
  return Object.entries(target?.properties ?? {}).map(([name, p]) =>
    row(required.has(name) ? `${name} *` : name, typeOf(doc, p), p.description));
}

function section(title, rows) {
  return rows.length ? [el('h3', { textContent: title }), el('table', {}, ...rows)] : [];
}

function bodySchema(content) {
  return Object.values(content ?? {})[0]?.schema;
}

function operation(doc, method, path, op) {
  const parameters = (op.parameters ?? []).map((p) =>
    row(p.required ? `${p.name} *` : p.name, `${p.in}, ${typeOf(doc, p.schema)}`, p.description));
  const ok = Object.entries(op.responses ?? {}).find(([status]) => status.startsWith('2'));
  const answer = bodySchema(ok?.[1].content);
  return el('details', { id: op.operationId },
    el('summary', {},
      el('span', { className: 'method', textContent: method }),
      el('code', { textContent: path }),
      el('span', { textContent: op.summary ?? '' })),
    el('div', { className: 'body' },
      el('p', { textContent: op.description ?? '' }),
      ...section('Parameters', parameters),
      ...section('Body', fields(doc, bodySchema(op.requestBody?.content))),
      ...section(`Answer ${ok?.[0] ?? ''} ${typeOf(doc, answer)}`, fields(doc, answer))));
}

function draw(doc, wanted) {
  const groups = new Map();
  for (const [path, item] of Object.entries(doc.paths)) {
    for (const method of methods.filter((m) => item[m])) {
      const op = item[method];
      if (!`${path} ${op.summary}`.toLowerCase().includes(wanted)) continue;
      const tag = op.tags?.[0] ?? 'other';
      groups.set(tag, [...(groups.get(tag) ?? []), operation(doc, method, path, op)]);
    }
  }
  const parts = [...groups].flatMap(([tag, ops]) => [el('h2', { textContent: tag }), ...ops]);
  document.getElementById('operations').replaceChildren(...(parts.length ? parts : [el('p', { textContent: 'Nothing matches.' })]));
}

const answer = await fetch('/api/openapi.json');
const main = document.getElementById('operations');
if (!answer.ok) {
  main.replaceChildren(el('p', { textContent: `The document could not be loaded: ${answer.status}.` }));
} else {
  const doc = await answer.json();
  document.getElementById('about').textContent = `${doc.info.description} Version ${doc.info.version}.`;
  const filter = document.getElementById('filter');
  filter.addEventListener('input', () => draw(doc, filter.value.trim().toLowerCase()));
  draw(doc, '');
}
