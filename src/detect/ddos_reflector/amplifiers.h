/*
 * amplifiers.h - UDP services whose answers are larger than the questions (Rossow, "Amplification
 * Hell", NDSS 2014; US-CERT TA14-017A and its later additions).
 */
#ifndef DETECT_DDOS_REFLECTOR_AMPLIFIERS_H
#define DETECT_DDOS_REFLECTOR_AMPLIFIERS_H

#include <stdbool.h>
#include <stdint.h>

bool amplifier_is_port(uint16_t port);

#endif
