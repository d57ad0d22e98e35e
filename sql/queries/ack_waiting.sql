-- Has an answer come in that is not recorded yet?
-- @column waiting bool
SELECT EXISTS (SELECT FROM dsmb_out.ack a JOIN dsmb.token t ON t.hash = sha256(convert_to(a.token, 'UTF8'))
                WHERE NOT EXISTS (SELECT FROM dsmb.acknowledgement k WHERE k.token = t.hash)) AS waiting
