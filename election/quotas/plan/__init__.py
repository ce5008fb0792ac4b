"""The allocation plan (名额分配方案) as it leaves the house: its values, its paper with the certificate, its workbook."""
