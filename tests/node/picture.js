// Pictures for the documentation: a screenshot with 256 colours is half as large, and looks the same.

import { deflateSync, inflateSync } from "node:zlib";

const signature = Buffer.from("89504e470d0a1a0a", "hex");
const crcTable = Array.from({ length: 256 }, (_, n) => {
  let value = n;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? 0xedb88320 ^ (value >>> 1) : value >>> 1;
  return value >>> 0;
});

/** PNG (Third Edition) section 5.3 */
function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  let crc = 0xffffffff;
  for (const byte of body) crc = crcTable[(crc ^ byte) & 0xff] ^ (crc >>> 8);
  const [length, check] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  check.writeUInt32BE((crc ^ 0xffffffff) >>> 0);
  return Buffer.concat([length, body, check]);
}

function readChunks(png) {
  const chunks = [];
  for (let at = signature.length; at < png.length; at += 12 + png.readUInt32BE(at)) {
    chunks.push([png.toString("latin1", at + 4, at + 8), png.subarray(at + 8, at + 8 + png.readUInt32BE(at))]);
  }
  return chunks;
}

/** PNG section 9.2: what each filter predicts from the pixel to the left, the one above, and the one above that to the left. */
const predictions = [
  () => 0,
  (left) => left,
  (left, above) => above,
  (left, above) => (left + above) >> 1,
  (left, above, corner) => {
    const guess = left + above - corner;
    const [a, b, c] = [left, above, corner].map((value) => Math.abs(guess - value));
    return a <= b && a <= c ? left : b <= c ? above : corner;
  },
];

function unfilter(data, width, height, size) {
  const [line, pixels] = [width * size, Buffer.alloc(width * size * height)];
  for (let y = 0; y < height; y++) {
    const predict = predictions[data[y * (line + 1)]];
    for (let x = 0; x < line; x++) {
      const left = x >= size ? pixels[y * line + x - size] : 0;
      const above = y ? pixels[(y - 1) * line + x] : 0;
      const corner = y && x >= size ? pixels[(y - 1) * line + x - size] : 0;
      pixels[y * line + x] = data[y * (line + 1) + 1 + x] + predict(left, above, corner);
    }
  }
  return pixels;
}

/** The 256 colours that are met most, and for each colour the nearest of them. */
function choosePalette(colours) {
  const counts = new Map();
  for (const colour of colours) counts.set(colour, (counts.get(colour) ?? 0) + 1);
  const all = [...counts].sort((a, b) => b[1] - a[1]).map(([colour]) => colour);
  const [palette, indexes] = [all.slice(0, 256), new Map()];
  const parts = (colour) => [colour >> 16, (colour >> 8) & 255, colour & 255];
  for (const colour of all) {
    const distances = palette.map((other) => parts(other).reduce((sum, part, index) => sum + (part - parts(colour)[index]) ** 2, 0));
    indexes.set(colour, distances.indexOf(Math.min(...distances)));
  }
  return { palette, indexes };
}

/** The same picture with a palette. */
export function withFewColours(png) {
  const chunks = readChunks(png);
  const header = Buffer.from(chunks[0][1]);
  const [width, height, size] = [header.readUInt32BE(0), header.readUInt32BE(4), header[9] === 6 ? 4 : 3];
  const data = inflateSync(Buffer.concat(chunks.filter(([type]) => type === "IDAT").map(([, part]) => part)));
  const pixels = unfilter(data, width, height, size);
  const colours = Array.from({ length: width * height }, (_, n) => pixels.readUIntBE(n * size, 3));
  const { palette, indexes } = choosePalette(colours);
  const lines = Buffer.alloc((width + 1) * height);
  colours.forEach((colour, n) => (lines[n + Math.floor(n / width) + 1] = indexes.get(colour)));
  header[9] = 3;
  const table = Buffer.concat(palette.map((colour) => Buffer.from([colour >> 16, (colour >> 8) & 255, colour & 255])));
  return Buffer.concat([signature, chunk("IHDR", header), chunk("PLTE", table), chunk("IDAT", deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}
