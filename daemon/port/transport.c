#include "port/transport.h"

const char *delivery_verdict_name(enum delivery_verdict v)
{
    switch (v) {
    case DELIVERY_SENT:
        return "sent";
    case DELIVERY_RETRY:
        return "retry";
    case DELIVERY_FAILED:
        return "failed";
    case DELIVERY_UNCERTAIN:
        return "uncertain";
    }
    return "?";
}
