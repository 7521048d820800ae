#include "CSegPNG.h"
