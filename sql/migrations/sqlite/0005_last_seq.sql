-- A batch of plain messages is one INSERT: what it raises its room's last_seq to is the trigger's work.

CREATE TRIGGER messages_raise_last_seq AFTER INSERT ON messages BEGIN UPDATE rooms SET last_seq = NEW.seq WHERE id = NEW.room_id AND last_seq < NEW.seq; END;
