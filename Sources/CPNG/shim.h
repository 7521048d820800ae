#pragma once
#include <png.h>
#include <stdio.h>
