// Starts node-media-server with RTMP alone, from the folder in NODE_PATH.
const NodeMediaServer = require('node-media-server');
new NodeMediaServer({
  logType: 0,
  rtmp: { port: 1935, chunk_size: 60000, gop_cache: true, ping: 30, ping_timeout: 60 },
}).run();
