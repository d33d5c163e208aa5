// What lora-packet, an independent implementation of LoRaWAN, makes of frames: one job in JSON a
// line in, one result a line out. Octets are hexadecimal text.
"use strict";

const readline = require("readline");
const lora = require("lora-packet");

const octets = (text) => (text === undefined ? undefined : Buffer.from(text, "hex"));
const text = (buffer) => (buffer ? Buffer.from(buffer).toString("hex") : "");

// Everything that a frame says in the clear.
function read(packet) {
  const fields = {
    type: packet.getMType(), direction: packet.getDir(), confirmed: packet.isConfirmed(),
    f_cnt: packet.getFCnt(), f_port: packet.getFPort(), mic: text(packet.MIC),
  };
  const names = {
    join_eui: "AppEUI", dev_eui: "DevEUI", dev_nonce: "DevNonce", dev_addr: "DevAddr",
    f_opts: "FOpts", frm_payload: "FRMPayload", net_id: "NetID", join_nonce: "AppNonce",
    dl_settings: "DLSettings", rx_delay: "RxDelay", cf_list: "CFList", rejoin_type: "RejoinType",
  };
  for (const [ours, theirs] of Object.entries(names)) fields[ours] = text(packet[theirs]);
  if (packet.isDataMessage()) {
    fields.flags = [packet.getFCtrlADR(), packet.getFCtrlADRACKReq(), packet.getFCtrlACK(),
                    packet.getFCtrlFPending()];
  }
  return fields;
}

const JOBS = {
  // The library names its arguments after 1.0; what stands there in 1.1 is our caller's knowledge.
  read: (job) => read(lora.fromWire(octets(job.phy))),
  verify: (job) => ({
    right: lora.verifyMIC(lora.fromWire(octets(job.phy)), octets(job.first), octets(job.second),
                          octets(job.msb), octets(job.conf)),
  }),
  decrypt: (job) => ({
    plain: text(lora.decrypt(lora.fromWire(octets(job.phy)), octets(job.app), octets(job.nwk),
                             octets(job.msb))),
  }),
  f_opts: (job) => ({
    plain: text(lora.fromWire(octets(job.phy)).decryptFOpts(octets(job.enc), undefined,
                                                            octets(job.msb))),
  }),
  accept: (job) => {
    const opened = lora.fromWire(
      lora.decryptJoinAccept(lora.fromWire(octets(job.phy)), octets(job.enc)));
    opened.JoinEUI = octets(job.join_eui);
    opened.DevNonce = octets(job.dev_nonce);
    const right = lora.verifyMIC(opened, octets(job.int), octets(job.enc));
    return { ...read(opened), right };
  },
  make: (job) => {
    const fields = {
      MType: job.mtype, DevAddr: octets(job.dev_addr), FCnt: job.f_cnt, FOpts: octets(job.f_opts),
      FCtrl: { ADR: job.flags[0], ADRACKReq: job.flags[1], ACK: job.flags[2],
               FPending: job.flags[3] },
      FPort: job.f_port, payload: octets(job.payload),
    };
    const packet = lora.fromFields(fields, octets(job.app), octets(job.nwk), undefined,
                                   octets(job.msb));
    return { phy: text(packet.getPHYPayload()) };
  },
  request: (job) => ({
    phy: text(lora.fromFields(
      { MType: 0, AppEUI: octets(job.join_eui), DevEUI: octets(job.dev_eui),
        DevNonce: octets(job.dev_nonce) },
      undefined, undefined, octets(job.key)).getPHYPayload()),
  }),
  keys_1_0: (job) => {
    const keys = lora.generateSessionKeys10(octets(job.app), octets(job.net_id),
                                            octets(job.join_nonce), octets(job.dev_nonce));
    return { nwk_s_key: text(keys.NwkSKey), app_s_key: text(keys.AppSKey) };
  },
  keys_1_1: (job) => {
    const keys = lora.generateSessionKeys11(octets(job.app), octets(job.nwk),
                                            octets(job.join_eui), octets(job.join_nonce),
                                            octets(job.dev_nonce));
    return { f: text(keys.FNwkSIntKey), s: text(keys.SNwkSIntKey), enc: text(keys.NwkSEncKey),
             app: text(keys.AppSKey) };
  },
};

readline.createInterface({ input: process.stdin }).on("line", (line) => {
  const job = JSON.parse(line);
  console.log(JSON.stringify(JOBS[job.job](job)));
});
