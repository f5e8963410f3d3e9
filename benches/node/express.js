// A webhook receiver as guides for Express show it: parse the JSON, sign the
// text that it turns into again, switch on the type, log what came.
//
// Set QUIET to leave out the log.

const express = require("express");
const bodyParser = require("body-parser");
const { createHmac } = require("node:crypto");

const port = Number(process.env.PORT ?? 3000);
const secret = process.env.CONNECT_IT_SECRET;
const log = process.env.QUIET ? () => {} : console.log;

const app = express();
app.use(express.json());
app.use(bodyParser.json());

app.post("/webhook", (req, res) => {
  const token = createHmac("sha256", secret).update(JSON.stringify(req.body)).digest("hex");
  if (req.headers["x-connect-it-token"] !== token) {
    log("Invalid signature");
    res.status(400).json({ error: "Invalid signature" });
    return;
  }
  switch (req.body.type) {
    case "test.completed":
      log("A test was completed:", req.body);
      break;
    case "transcript.completed":
      log("A transcript was completed:", req.body);
      break;
    default:
      log("Invalid type");
      res.status(400).json({ error: "Invalid type" });
      return;
  }
  res.status(200).send();
});

app.listen(port, "127.0.0.1", () => log(`listening on ${port}`));
