/** A socket driven by hand. */
import type { SocketLike } from "../src/shared/connection";
import type { PageFrame } from "../src/shared/protocol";

export class FakeSocket implements SocketLike {
  readyState = 0;
  onopen: SocketLike["onopen"] = null;
  onmessage: SocketLike["onmessage"] = null;
  onclose: SocketLike["onclose"] = null;
  sent: PageFrame[] = [];
  isClosed = false;

  send(data: string): void {
    this.sent.push(JSON.parse(data) as PageFrame);
  }

  close(): void {
    this.isClosed = true;
    this.readyState = 3;
  }

  opens(): void {
    this.readyState = 1;
    this.onopen?.({} as Event);
  }

  hears(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) } as MessageEvent);
  }

  drops(code: number): void {
    this.readyState = 3;
    this.onclose?.({ code } as CloseEvent);
  }
}
