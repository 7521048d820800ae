#pragma once

/* jpeglib.h takes for granted that these come before it. */
#include <stddef.h>
#include <stdio.h>

#include <jpeglib.h>
