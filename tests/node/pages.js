// Looks at pages as people do: with their eyes in light and dark, on a phone, by keyboard alone, with a screen reader's rules (axe-core), from right
// to left, and as the browser's own policy sees them. Every test of a page uses it:
//
//   import { launch, openPage, inspect, phone } from "./pages.js";
//
//   before(async () => (browser = await launch()));
//   const { page, context, complaints } = await openPage(browser, phone);   // also: {}, dark, noScript, inLanguage("de"); or several, spread
//   await page.goto(`${server.issuer}/account`);
//   await inspect(page, "account-phone");          // everything below, in both themes; fails with what is wrong
//   assert.deepEqual(complaints, []);              // console, exceptions and violations of the Content-Security-Policy
//   await context.close();
//
// `inspect` is made of `axe`, `fits`, `walkByKeyboard`, `fromRightToLeft` and `shoot`, each of which can be called alone. It leaves the page as it was. Pictures
// are kept where GRANTLET_SCREENSHOTS names a directory: look at them.

import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { chromium } from "playwright-core";

const screenshots = process.env.GRANTLET_SCREENSHOTS;
const axeSource = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** A phone: its size by device metrics, which a small window alone does not have. */
export const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, isMobile: true, hasTouch: true };
/** The narrowest screen that has to do without sideways scrolling (WCAG 2.2 success criterion 1.4.10). */
export const narrow = { viewport: { width: 320, height: 640 } };
/** A dark theme. */
export const dark = { colorScheme: "dark" };
/** A browser that runs no scripts of pages. */
export const noScript = { javaScriptEnabled: false };
/** A person who reads `language`. */
export const inLanguage = (language) => ({ locale: language });

/** Starts Chromium. */
export async function launch() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-quic", "--disable-background-networking"],
  });
}

/**
 * Opens a page in a browser profile of its own. `complaints` collects what the browser finds wrong: errors in the console, exceptions, and violations of
 * the Content-Security-Policy. That a document was answered with an error's status is none: error pages are looked at, too.
 */
export async function openPage(browser, options = {}) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints = [];
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) =>
      console.error(`policy: ${event.effectiveDirective} forbids ${event.blockedURI} ${event.sample}`),
    );
  });
  page.on("console", (message) => {
    const isStatus = message.text().startsWith("Failed to load resource: the server responded with a status");
    if (message.type() === "error" && !(isStatus && message.location().url === page.url())) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return { context, page, complaints };
}

/** Keeps a picture of the whole page. */
export async function shoot(page, name) {
  if (!screenshots) return;
  await mkdir(screenshots, { recursive: true });
  await page.screenshot({ path: join(screenshots, `${name}.png`), fullPage: true });
}

/** Fails with every rule that the page breaks: WCAG 2.2 A and AA, and axe's best practices. */
export async function axe(page, name) {
  await page.evaluate(axeSource);
  const broken = await page.evaluate(async () => {
    const result = await window.axe.run(document, {
      runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
      preload: false,
      resultTypes: ["violations"],
    });
    return result.violations.map((rule) => `${rule.id}: ${rule.help}\n  ${rule.nodes.map((node) => `${node.html} ${node.failureSummary}`).join("\n  ")}`);
  });
  assert.deepEqual(broken, [], name);
}

/** Fails if the page has to be scrolled sideways, or something stands out of it. */
export async function fits(page, name) {
  const outside = await page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const found = [...document.body.querySelectorAll("*")].filter((element) => {
      const { left, right, width: own } = element.getBoundingClientRect();
      return own > 0 && (left < -1 || right > width + 1);
    });
    const wide = document.documentElement.scrollWidth > width ? ["the page is wider than the screen"] : [];
    return [...wide, ...found.map((element) => element.outerHTML.slice(0, 200))];
  });
  assert.deepEqual(outside, [], name);
}

/** Walks through the page with the Tab key: every control is reached, in the order of the document, and shows that it has the focus. */
export async function walkByKeyboard(page, name) {
  const count = await page.evaluate(() => {
    const all = [...document.querySelectorAll("a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]")];
    const isReached = (element) => {
      if (element.disabled || element.tabIndex < 0 || !element.checkVisibility({ visibilityProperty: true })) return false;
      if (element.type !== "radio") return true;
      const group = all.filter((other) => other.type === "radio" && other.name === element.name && other.form === element.form);
      return element === (group.find((other) => other.checked) ?? group[0]);
    };
    window.walked = { before: document.activeElement, controls: all.filter(isReached) };
    document.body.tabIndex = -1;
    document.body.focus();
    document.body.removeAttribute("tabindex");
    return window.walked.controls.length;
  });
  const seen = [];
  for (let step = 0; step < count; step++) {
    await page.keyboard.press("Tab");
    seen.push(
      await page.evaluate(() => {
        const { activeElement: active } = document;
        const style = getComputedStyle(active);
        const isShown = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
        return isShown ? window.walked.controls.indexOf(active) : `no focus is shown on ${active.outerHTML.slice(0, 200)}`;
      }),
    );
  }
  await page.evaluate(() => {
    const { before } = window.walked;
    document.activeElement?.blur();
    if (before && before !== document.body) before.focus();
    delete window.walked;
  });
  assert.deepEqual(seen, [...Array(count).keys()], name);
}

/** Turns the page round, as a language does that is written from right to left, and looks whether everything still fits. */
export async function fromRightToLeft(page, name) {
  const before = await page.evaluate(() => document.documentElement.dir);
  await page.evaluate(() => (document.documentElement.dir = "rtl"));
  await fits(page, `${name}-rtl`);
  await shoot(page, `${name}-rtl`);
  await page.evaluate((dir) => (document.documentElement.dir = dir), before);
}

/** Looks at a page in every way, in both themes. */
export async function inspect(page, name) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    await shoot(page, `${name}-${colorScheme}`);
    await axe(page, `${name}-${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: null });
  await fits(page, name);
  await walkByKeyboard(page, name);
  await fromRightToLeft(page, name);
}
