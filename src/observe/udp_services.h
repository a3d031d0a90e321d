/*
 * udp_services.h - UDP services that answer from their own port, many of them with more than was
 * asked.
 *
 * Sources: Rossow, "Amplification Hell" (NDSS 2014); US-CERT TA14-017A and its later additions.
 */
#ifndef OBSERVE_UDP_SERVICES_H
#define OBSERVE_UDP_SERVICES_H

#include <stdbool.h>
#include <stdint.h>

bool udp_service_is_amplifier(uint16_t port);

#endif
