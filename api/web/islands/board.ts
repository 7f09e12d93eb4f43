// The board as the server sends it, on GET /api/v1/board and on each event of the stream.

export interface Waiting {
  call_id: string;
  position: number;
  since: string;
  /** The last digits only, or empty when the caller hides the number. */
  caller_masked?: string;
  /** 0 to 10. */
  priority: number;
  /** So many calls of theirs were not served lately. */
  repeat: number;
  /** Code of the call back that stands here for its caller. */
  callback?: string | null;
}

export interface Queue {
  name: string;
  open: boolean | null;
  waiting: Waiting[];
  members_available: number;
  members_total: number;
  /** Of other queues, who may be asked when somebody has waited for long; not among the members. */
  helpers_total: number;
  /** Expected wait of a caller who comes now; null when nobody serves, the queue is closed or the board is old. */
  estimate_seconds: number | null;
  /** How many of those who wait are call backs. */
  callbacks?: number;
}

export interface Seat {
  seat: string;
  agent: string | null;
  state: string;
  since: string | null;
  queue: string | null;
  call_id: string | null;
  /** Why no calls come: a cause, `wrap_up`, or what somebody else told Asterisk. */
  pause_reason: string | null;
  /** Whether the telephone is registered. */
  phone: boolean;
}

export interface Share {
  /** 0 to 1; null when there is nothing to divide by. */
  value: number | null;
}

/** A queue's visits since midnight. */
export interface QueueToday {
  queue: string;
  offered: number;
  answered: number;
  abandoned: number;
  service_level: Share;
  abandonment_without_short: Share;
  longest_wait_seconds: number | null;
}

export interface Today {
  entered?: number;
  answered?: number;
  service_level?: Share;
  occupancy?: Share;
  occupancy_of_agents?: Record<string, number | null>;
  queues?: QueueToday[];
}

export interface Alarms {
  /** Another one whenever there is something new to show. */
  mark: string;
}

export interface Board {
  as_of: string | null;
  age_seconds: number | null;
  stale: boolean;
  queues: Queue[];
  seats: Seat[];
  today: Today | null;
  alarms?: Alarms | null;
  day_mark?: string;
}
