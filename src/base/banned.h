/*
 * banned.h - functions nobody may call here; included last by every .c file through the build.
 * Each either writes without a bound, hides an error or keeps hidden state.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#pragma GCC poison strcpy strcat sprintf vsprintf strncpy strtok atoi atol atof gets
#pragma GCC poison rand srand localtime gmtime ctime asctime tmpnam mktemp

#endif
