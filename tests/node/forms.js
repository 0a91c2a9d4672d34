// A person without a browser: follows redirects by hand, keeps cookies, fills in the login form and allows.

const decode = (text) =>
  text.replace(/&(amp|lt|gt|quot|#39|#x27|#34|#60|#62|#38);/g, (_, name) =>
    ({ amp: "&", "#38": "&", lt: "<", "#60": "<", gt: ">", "#62": ">", quot: '"', "#34": '"' })[name] ?? "'",
  );

function readForm(html, marker) {
  const form = html.match(/<form[\s\S]*?<\/form>/g)?.find((f) => f.includes(marker));
  if (!form) throw new Error(`no form with ${marker} in: ${html}`);
  const attribute = (tag, name) => decode(tag.match(new RegExp(`\\s${name}="([^"]*)"`))?.[1] ?? "");
  const fields = new URLSearchParams();
  for (const input of form.match(/<input[^>]*>/g) ?? []) fields.set(attribute(input, "name"), attribute(input, "value"));
  const button = form.match(/<button[^>]*>/g)?.find((b) => b.includes(marker));
  if (button && attribute(button, "name")) fields.set(attribute(button, "name"), attribute(button, "value"));
  return { action: attribute(form.match(/<form[^>]*>/)[0], "action"), fields };
}

export class Person {
  cookies = new Map();

  async request(url, init = {}) {
    const cookie = [...this.cookies].map(([k, v]) => `${k}=${v}`).join("; ");
    const response = await fetch(url, { ...init, redirect: "manual", headers: { ...init.headers, cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return response;
  }

  /** Walks from the authorization URL to the client's redirect, and returns it. */
  async authorize(url, { username, password }, redirectPrefix) {
    let response = await this.request(url);
    for (let step = 0; step < 10; step++) {
      const location = response.headers.get("location");
      if (location) {
        const next = new URL(location, url);
        if (next.href.startsWith(redirectPrefix)) return next;
        response = await this.request(next);
        continue;
      }
      const html = await response.text();
      if (response.status !== 200) throw new Error(`status ${response.status}: ${html}`);
      const login = html.includes('id="sign-in"');
      const { action, fields } = readForm(html, login ? 'id="sign-in"' : 'id="allow"');
      if (login) {
        fields.set("username", username);
        fields.set("password", password);
      }
      response = await this.request(new URL(action, url), {
        method: "POST",
        body: fields,
        headers: { origin: new URL(url).origin, "sec-fetch-site": "same-origin" },
      });
    }
    throw new Error("no end of redirects");
  }

  /** Allows the device whose user code stands in `url`, logging in where asked. */
  async allowDevice(url, { username, password }) {
    let response = await this.request(url);
    for (let step = 0; step < 10; step++) {
      const location = response.headers.get("location");
      if (location) {
        response = await this.request(new URL(location, url));
        continue;
      }
      const html = await response.text();
      if (response.status !== 200) throw new Error(`status ${response.status}: ${html}`);
      const marker = ['id="sign-in"', 'id="allow"', 'name="user_code"'].find((m) => html.includes(m));
      if (!marker) return html;
      const { action, fields } = readForm(html, marker);
      if (marker === 'id="sign-in"') {
        fields.set("username", username);
        fields.set("password", password);
      }
      const headers = { origin: new URL(url).origin, "sec-fetch-site": "same-origin" };
      response = await this.request(new URL(action, url), { method: "POST", body: fields, headers });
    }
    throw new Error("no end of pages");
  }
}
