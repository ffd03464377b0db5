// A small complete client of the chat for Node, without packages, written from docs/build/protocol.md.
//
//   node client.mjs HOST PORT FINGERPRINT USERNAME PASSWORD OUTBOX
//
// Orders come as lines on the standard input:
//   join ROOM          enter a room; what is said goes there
//   say TEXT           send a message
//   edit TEXT          change one's own last stored message
//   delete, react E    take it back, react to it
//   cut                destroy the connection (it comes back by itself)
//   end SEQ            wait until nothing is unsent and the room is complete up to SEQ, write it, end
//
// At the end it writes one line of JSON: the room's messages as a person would see them. What goes wrong is told
// on the standard error. Exit codes: 0 done, 2 wrong use, 3 another certificate, 4 turned away.

import {randomBytes, randomInt} from 'node:crypto';
import {existsSync, readFileSync, renameSync, writeFileSync} from 'node:fs';
import {createInterface} from 'node:readline';
import {connect} from 'node:tls';

const FRAME_MAX_BYTES = 65536;
const HISTORY_MAX = 200;
const BURST_MAX = 8; // the next ones go when all of these are answered: so the order holds (page: "How to stay complete", 5)
const GAP_WAIT_MS = 1000;
const RETRY_FIRST_MS = Number(process.env.RETRY_FIRST_MS ?? 1000);
const RETRY_MAX_MS = Number(process.env.RETRY_MAX_MS ?? 60_000);
const PING_EVERY_MS = 20_000;
const FOR_NOW = new Set(['rate_limited', 'unavailable']);
const GIVE_UP = new Set(['banned', 'killed', 'registration_closed', 'username_taken', 'invalid_username', 'weak_password']);

const [host, port, fingerprint, username, password, outboxFile] = process.argv.slice(2);
if (!outboxFile) {
  console.error('usage: client.mjs HOST PORT FINGERPRINT USERNAME PASSWORD OUTBOX');
  process.exit(2);
}

class Refused extends Error {
  constructor(frame) {
    super(`${frame.code}: ${frame.message}`);
    this.code = frame.code;
    this.retryMs = 1000 * (frame.retry_after ?? 1);
  }
}

// One room: its entries by seq, and up to where nothing is missing.
class Room {
  constructor(frame) {
    this.entries = new Map();
    this.complete = 0;
    this.update(frame);
  }

  update(frame) {
    this.id = frame.id ?? frame.room;
    this.name = frame.room;
    this.membership = frame.membership;
    this.last = Math.max(this.last ?? 0, frame.last_seq ?? 0);
    this.complete = Math.max(this.complete, (frame.first_seq ?? 1) - 1);
  }

  add(message) {
    this.entries.set(message.seq, message);
    this.last = Math.max(this.last, message.seq);
    while (this.entries.has(this.complete + 1)) this.complete += 1;
  }

  // What a person sees: each change applied to its message, in the order of the room.
  view() {
    const shown = new Map();
    for (const seq of [...this.entries.keys()].sort((a, b) => a - b)) {
      const entry = this.entries.get(seq);
      const target = shown.get(entry.target);
      if (!entry.kind) {
        const reactions = new Map(Object.entries(entry.reactions ?? {}).map(([e, names]) => [e, new Set(names)]));
        shown.set(seq, {seq, from: entry.from, body: entry.body, deleted: entry.deleted ?? false, reactions});
      } else if (!target || target.deleted) {
        continue;
      } else if (entry.kind === 'edit') {
        target.body = entry.body;
      } else if (entry.kind === 'delete') {
        Object.assign(target, {body: '', deleted: true, reactions: new Map()});
      } else if (entry.kind === 'react') {
        const names = target.reactions.get(entry.body) ?? new Set();
        if (entry.on === false) names.delete(entry.from); else names.add(entry.from);
        target.reactions.set(entry.body, names);
      }
    }
    return [...shown.values()].map((message) => ({
      ...message,
      reactions: Object.fromEntries(
        [...message.reactions].filter(([, names]) => names.size).map(([e, names]) => [e, [...names].sort()]),
      ),
    }));
  }
}

// What has no `ok` yet, on disk: written whole beside, then renamed.
class Outbox {
  constructor(file) {
    this.file = file;
    this.waiting = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  }

  add(request) {
    this.waiting.push({...request, nonce: randomBytes(16).toString('hex')});
    this.save();
  }

  remove(nonce) {
    this.waiting = this.waiting.filter((request) => request.nonce !== nonce);
    this.save();
  }

  save() {
    writeFileSync(`${this.file}.new`, JSON.stringify(this.waiting));
    renameSync(`${this.file}.new`, this.file);
  }
}

class Client {
  constructor() {
    this.rooms = new Map(); // by id
    this.outbox = new Outbox(outboxFile);
    this.token = null;
    this.registerSent = false;
    this.retryMs = RETRY_FIRST_MS;
    this.room = null; // the wanted room's name
    this.endAt = null;
    this.notBefore = 0;
    setInterval(() => this.pump(), 20).unref();
    setInterval(() => this.online && this.ask({type: 'ping'}).catch(() => {}), PING_EVERY_MS).unref();
    this.connect();
  }

  // Connection

  connect() {
    const socket = (this.socket = connect({host, port, rejectUnauthorized: false}));
    this.replies = new Map();
    this.ref = 0;
    this.online = this.sending = false;
    this.asked = new Set();
    let rest = Buffer.alloc(0);
    socket.on('secureConnect', () => {
      // No session is kept, so each handshake is a full one and shows the certificate.
      if (socket.getPeerCertificate().fingerprint256 !== fingerprint) leave(3, 'the server has another certificate');
    });
    socket.on('data', (data) => {
      rest = Buffer.concat([rest, data]);
      for (let end; (end = rest.indexOf(10)) >= 0; rest = rest.subarray(end + 1)) {
        const line = rest.subarray(0, end).toString('utf8').trim();
        if (line && socket === this.socket) this.take(JSON.parse(line));
      }
      if (rest.length > FRAME_MAX_BYTES) socket.destroy();
    });
    socket.on('error', () => {});
    socket.on('close', () => this.lost());
  }

  lost() {
    this.online = false;
    for (const {reject} of this.replies.values()) reject(new Refused({code: 'dropped', message: 'no answer'}));
    this.replies.clear();
    setTimeout(() => this.connect(), this.retryMs / 2 + randomInt(1 + Math.floor(this.retryMs / 2)));
    this.retryMs = Math.min(2 * this.retryMs, RETRY_MAX_MS);
  }

  ask(request) {
    const ref = (this.ref += 1);
    return new Promise((resolve, reject) => {
      this.replies.set(ref, {resolve, reject});
      this.socket.write(`${JSON.stringify({...request, ref})}\n`);
    });
  }

  take(frame) {
    if (frame.type === 'ok' || frame.type === 'error') {
      const waiting = this.replies.get(frame.ref);
      this.replies.delete(frame.ref);
      if (frame.type === 'ok') waiting?.resolve(frame);
      else if (waiting) waiting.reject(new Refused(frame));
      else console.error(`error: ${frame.code} ${frame.message}`);
      return;
    }
    const handler = {
      hello: () => this.signIn(frame),
      message: () => this.find(frame.room_id ?? frame.room)?.add(frame),
      sync: () => { const room = this.put(frame); for (const message of frame.messages) room.add(message); },
      room: () => (frame.removed ? this.rooms.delete(frame.id) : this.put(frame)),
      membership: () => Object.assign(this.find(frame.room_id ?? frame.room) ?? {}, {membership: frame.membership}),
      banned: () => leave(4, frame.reason),
      killed: () => leave(4, frame.reason),
      kicked: () => { this.retryMs = Math.max(1000, Date.parse(frame.until) - Date.now()); },
    }[frame.type];
    handler?.();
  }

  // Signing in

  async signIn(hello) {
    this.canSync = (hello.capabilities ?? []).includes('sync');
    try {
      const answer = await this.credentials();
      this.token = answer.token;
      for (const room of answer.rooms) this.put(room);
      this.retryMs = RETRY_FIRST_MS;
      this.online = true;
      await this.catchUp();
    } catch (error) {
      if (GIVE_UP.has(error.code)) leave(4, error.message);
      if (error.code === 'invalid_credentials') this.token = null;
      this.socket.destroy();
    }
  }

  // A `register` whose answer was lost may have made the account.
  async credentials() {
    if (this.token) return this.ask({type: 'resume', token: this.token});
    if (this.registerSent) {
      try {
        return await this.ask({type: 'login', username, password});
      } catch (error) {
        if (error.code !== 'invalid_credentials') throw error;
      }
    }
    this.registerSent = true;
    return this.ask({type: 'register', username, password});
  }

  // Rooms and their histories

  put(frame) {
    const id = frame.id ?? frame.room;
    if (this.rooms.has(id)) this.rooms.get(id).update(frame);
    else this.rooms.set(id, new Room(frame));
    return this.rooms.get(id);
  }

  find(name) {
    const found = this.rooms.get(name);
    return found ?? [...this.rooms.values()].find((room) => keyOf(room.name) === keyOf(name));
  }

  get here() {
    return this.room === null ? undefined : this.find(this.room);
  }

  async catchUp() {
    const joined = [...this.rooms.values()].filter((room) => room.membership === 'joined');
    if (this.canSync && joined.length) {
      const held = Object.fromEntries(joined.map((room) => [room.id, room.complete]));
      await this.ask({type: 'sync', rooms: held, limit: HISTORY_MAX}).catch(() => {}); // else page by page
    }
  }

  async fill(room) {
    if (this.asked.has(room.id)) return;
    this.asked.add(room.id);
    try {
      const page = await this.ask({type: 'history', room: room.id, after: room.complete, limit: HISTORY_MAX});
      for (const message of page.messages) room.add(message);
    } catch (error) {
      await new Promise((done) => setTimeout(done, error.retryMs));
    } finally {
      this.asked.delete(room.id);
      room.missingSince = null;
    }
  }

  // What is due

  pump() {
    const here = this.here;
    if (this.online) {
      if (this.room !== null && here?.membership === 'none' && !this.asked.has('join')) this.join();
      for (const room of this.rooms.values()) this.watchGap(room);
      if (!this.sending && here?.membership === 'joined' && Date.now() >= this.notBefore) this.send();
    }
    if (this.endAt !== null && !this.outbox.waiting.length && here && here.complete >= this.endAt) {
      process.stdout.write(`${JSON.stringify(here.view())}\n`, () => process.exit(0));
      this.endAt = null;
    }
  }

  watchGap(room) {
    if (room.membership !== 'joined' || room.complete >= room.last) {
      room.missingSince = null;
    } else if (room.missingFrom !== room.complete || !room.missingSince) {
      Object.assign(room, {missingFrom: room.complete, missingSince: Date.now()});
    } else if (Date.now() - room.missingSince >= GAP_WAIT_MS) {
      this.fill(room);
    }
  }

  async join() {
    this.asked.add('join');
    const answer = await this.ask({type: 'join', room: this.room}).catch(() => null);
    this.asked.delete('join');
    if (answer) Object.assign(this.find(answer.id ?? answer.room), {membership: answer.membership, last: answer.last_seq ?? 0});
  }

  async send() {
    this.sending = true;
    const socket = this.socket;
    await Promise.all(this.outbox.waiting.slice(0, BURST_MAX).map((request) => this.sendOne(request)));
    if (socket === this.socket) this.sending = false;
  }

  async sendOne(request) {
    try {
      const answer = await this.ask(request);
      const change = request.type === 'send' ? {} : {kind: request.type, target: answer.target, on: request.on};
      const body = request.body ?? request.emoji ?? '';
      this.find(request.room).add({from: username, seq: answer.seq, sent_at: answer.sent_at, body, ...change});
      this.outbox.remove(request.nonce);
    } catch (error) {
      if (FOR_NOW.has(error.code)) this.notBefore = Date.now() + error.retryMs;
      else if (error.code !== 'dropped') {
        console.error(`not sent: ${error.message}`);
        this.outbox.remove(request.nonce);
      }
    }
  }

  // Orders

  order(line) {
    const [word, rest] = [line.split(' ', 1)[0], line.slice(line.indexOf(' ') + 1)];
    const room = this.here?.id ?? this.room;
    const own = () => Math.max(...this.here.view().filter((m) => m.from === username && !m.deleted).map((m) => m.seq));
    const orders = {
      join: () => { this.room = rest; },
      say: () => this.outbox.add({type: 'send', room, body: rest}),
      edit: () => this.outbox.add({type: 'edit', room, seq: own(), body: rest}),
      delete: () => this.outbox.add({type: 'delete', room, seq: own()}),
      react: () => this.outbox.add({type: 'react', room, seq: own(), emoji: rest, on: true}),
      cut: () => this.socket.destroy(),
      end: () => { this.endAt = Number(rest); },
    };
    if (orders[word]) orders[word](); else console.error(`no such order: ${line}`);
  }
}

// All spellings of a room's name have one key (page: "Names").
function keyOf(name) {
  return name.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
}

function leave(status, reason) {
  console.error(reason);
  process.exit(status);
}

const client = new Client();
createInterface({input: process.stdin}).on('line', (line) => client.order(line));
